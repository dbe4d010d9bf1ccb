/** Speaks with the API: JSON in and out, the anti-forgery header, problem details as one kind of error. */

import type { Problem } from "./contract";
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
type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer that is not the one asked for. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly place: string | undefined;
  readonly occurrence: string | undefined;

  constructor(problem: Partial<Problem> & { status: number; detail: string }) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "unreadable";
    this.place = problem.place;
    this.occurrence = problem.id;
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
export const remove = <T = void>(path: string, ask?: Ask): Promise<T> => request<T>("DELETE", path, ask);

/** The address of an API path, for links and downloads. */
export function address(path: string, query: Query = {}): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === "" ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(set).toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

async function request<T>(method: Verb, path: string, ask: Ask = {}): Promise<T> {
  const answer = await send(method, path, ask);
  if (!answer.ok) throw await problemOf(answer, path);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function send(method: Verb, path: string, ask: Ask): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...ask.headers };
  if (method !== "GET" && csrf) headers["x-omc-csrf"] = csrf;
  if (ask.body !== undefined) headers["content-type"] = "application/json";
  const body = ask.form ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
  const signal = ask.signal ?? null;
  try {
    return await fetch(address(path, ask.query), { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    const detail = t("OMC did not answer. Is it still running on this machine? Start it with: omc up");
    throw new ApiError({ status: 0, code: "unreachable", detail });
  }
}

async function problemOf(answer: Response, path: string): Promise<ApiError> {
  if (answer.status === 401 && !path.startsWith("/identity/")) onSignedOut();
  const fallback = t("The server answered {status} without saying why.", { status: answer.status });
  try {
    const problem = (await answer.json()) as Partial<Problem>;
    return new ApiError({ ...problem, status: answer.status, detail: problem.detail ?? fallback });
  } catch {
    return new ApiError({ status: answer.status, detail: fallback });
  }
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (error instanceof Error && error.message) return error.message;
  return t("Something unexpected happened. Try again.");
}
