/** Speaks with the API: JSON in and out, the anti-forgery header, problem details as one kind of error. */

import { t } from "./message";

export const API = "/api/v1";

export type Query = Record<string, string | number | boolean | null | undefined>;
export type Ask = {
  query?: Query;
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
/** What an answer of the kind application/problem+json may say. */
type Problem = { detail: string; code: string; place: string | null; id: string | null };
type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer that is not the one asked for. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly place: string | undefined;
  readonly occurrence: string | undefined;
  /** When trying again may help, in seconds from the answer. */
  readonly retryAfter: number | undefined;
  /** The whole answer: some tell more than why, and only who asked knows what. */
  readonly body: unknown;

  constructor(problem: Partial<Problem> & { status: number; detail: string; retryAfter?: number; body?: unknown }) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "unreadable";
    this.place = problem.place ?? undefined;
    this.occurrence = problem.id ?? undefined;
    this.retryAfter = problem.retryAfter;
    this.body = problem.body;
  }
}

let csrf = "";
let onSignedOut: () => void = () => undefined;

/** Each session has its own token; `me` brings it. */
export function rememberCsrf(token: string): void {
  csrf = token;
}

/** Called when the server no longer knows this browser. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export const get = <T>(path: string, ask?: Ask): Promise<T> => request<T>("GET", path, ask);
export const post = <T>(path: string, ask?: Ask): Promise<T> => request<T>("POST", path, ask);
export const put = <T>(path: string, ask?: Ask): Promise<T> => request<T>("PUT", path, ask);
export const patch = <T>(path: string, ask?: Ask): Promise<T> => request<T>("PATCH", path, ask);
export const remove = <T = void>(path: string, ask?: Ask): Promise<T> => request<T>("DELETE", path, ask);

/** The address of an API path, for links and downloads. */
export function address(path: string, query: Query = {}): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === "" ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(set).toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

/** The headers that show a change comes from our own page. */
export function guard(method: string): Record<string, string> {
  return method !== "GET" && csrf ? { "x-omc-csrf": csrf } : {};
}

async function request<T>(method: Verb, path: string, ask: Ask = {}): Promise<T> {
  const answer = await send(method, path, ask);
  const text = await answer.text();
  if (!answer.ok) throw errorOf(answer.status, parse(text), path, answer.headers);
  return (text ? JSON.parse(text) : undefined) as T;
}

async function send(method: Verb, path: string, ask: Ask): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...ask.headers, ...guard(method) };
  if (ask.body !== undefined) headers["content-type"] = "application/json";
  const body = ask.form ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
  const signal = ask.signal ?? null;
  try {
    return await fetch(address(path, ask.query), { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

export function unreachable(): ApiError {
  const detail = t("OMC did not answer. Is it still running on this machine? Start it with: omc up");
  return new ApiError({ status: 0, code: "unreachable", detail });
}

/** The error that an answer's status and body stand for; a lost session is told to whoever listens. */
export function errorOf(status: number, body: unknown, path: string, headers?: Headers): ApiError {
  if (status === 401 && !path.includes("/identity/")) onSignedOut();
  const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  const fallback = t("The server answered {status} without saying why.", { status });
  const retryAfter = seconds(headers?.get("retry-after"));
  const told = { ...problem, status, detail: problem.detail ?? fallback, body };
  return new ApiError(retryAfter === undefined ? told : { ...told, retryAfter });
}

function seconds(header: string | null | undefined): number | undefined {
  return header && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (error instanceof Error && error.message) return error.message;
  return t("Something unexpected happened. Try again.");
}
