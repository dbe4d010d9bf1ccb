/** Reading an event's data, whose shape only its kind promises: what is not there is empty, never a crash. */

type Data = Record<string, unknown>;

export function text(data: Data, name: string): string {
  const value = data[name];
  return typeof value === "string" ? value : "";
}

export function integer(data: Data, name: string): number | undefined {
  const value = data[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function flag(data: Data, name: string): boolean | undefined {
  const value = data[name];
  return typeof value === "boolean" ? value : undefined;
}

export function record(data: Data, name: string): Data {
  const value = data[name];
  return isRecord(value) ? value : {};
}

export function records(data: Data, name: string): Data[] {
  const value = data[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function isRecord(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
