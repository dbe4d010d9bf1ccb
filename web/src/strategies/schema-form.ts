/** Reads the document's JSON Schema into the fields of a form, so that a setting that comes new has a field by itself. */

export type Schema = Record<string, unknown>;
type Common = { name: string; title: string; help: string; required: boolean; fallback?: string | undefined };
export type Field = Common &
  (
    | { kind: "text" | "expression" | "decimal" | "number" | "flag" | "list" | "expressions" | "numbers" | "unknown" }
    | { kind: "choice"; values: readonly string[] }
    | { kind: "fixed"; value: unknown }
    | { kind: "group"; fields: readonly Field[] }
    /** One of several groups, told apart by the text of one setting. */
    | { kind: "variant"; by: string; cases: readonly { value: string; fields: readonly Field[] }[] }
  );

/** Texts that may be this long are expressions. */
const EXPRESSION_LENGTH = 1_000;
const MAX_DEPTH = 6;

export function fieldsOf(schema: Schema): Field[] {
  return fieldsIn(schema, schema, 0);
}

function fieldsIn(root: Schema, schema: Schema, depth: number): Field[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(objectOf(schema.properties)).map(([name, each]) =>
    fieldOf(root, name, objectOf(each), required.has(name), depth),
  );
}

function fieldOf(root: Schema, name: string, written: Schema, required: boolean, depth: number): Field {
  const schema = resolved(root, written);
  const help = written.description ?? schema.description;
  const common = {
    name,
    title: titleOf(name),
    help: typeof help === "string" ? help : "",
    required,
    fallback: fallbackOf(written.default),
  };
  if (depth > MAX_DEPTH) return { ...common, kind: "unknown" };
  const choices = choicesOf(root, schema);
  const [only] = choices;
  if (choices.length === 1 && only) return shaped(root, common, only, depth);
  if (choices.some((one) => one.type === "number") && choices.some((one) => one.type === "string")) {
    return { ...common, kind: "decimal" };
  }
  return variant(root, common, choices, depth) ?? { ...common, kind: "unknown" };
}

function shaped(root: Schema, common: Common, schema: Schema, depth: number): Field {
  if ("const" in schema) return { ...common, kind: "fixed", value: schema.const };
  if (Array.isArray(schema.enum)) return { ...common, kind: "choice", values: schema.enum.map(String) };
  switch (schema.type) {
    case "string":
      return { ...common, kind: Number(schema.maxLength) >= EXPRESSION_LENGTH ? "expression" : "text" };
    case "number":
    case "integer":
      return { ...common, kind: "number" };
    case "boolean":
      return { ...common, kind: "flag" };
    case "array":
      return { ...common, kind: resolved(root, objectOf(schema.items)).type === "string" ? "list" : "unknown" };
    case "object":
      return schema.properties
        ? { ...common, kind: "group", fields: fieldsIn(root, schema, depth + 1) }
        : { ...common, kind: mapKind(root, schema) };
    default:
      return { ...common, kind: "unknown" };
  }
}

function mapKind(root: Schema, schema: Schema): "numbers" | "expressions" | "unknown" {
  const [first] = Object.values(objectOf(schema.patternProperties));
  const values = choicesOf(root, resolved(root, objectOf(first ?? schema.additionalProperties)));
  if (values.every((one) => one.type === "number")) return "numbers";
  return values.some((one) => one.type === "string") ? "expressions" : "unknown";
}

function variant(root: Schema, common: Common, choices: readonly Schema[], depth: number): Field | null {
  const cases = choices.map((one) => fieldsIn(root, one, depth + 1));
  const by = cases[0]?.find((field) => field.kind === "fixed")?.name;
  if (by === undefined) return null;
  const told = cases.flatMap((fields) => {
    const mark = fields.find((field) => field.name === by);
    return mark?.kind === "fixed" ? [{ value: String(mark.value), fields }] : [];
  });
  return told.length === choices.length ? { ...common, kind: "variant", by, cases: told } : null;
}

/** What a value may be, apart from being left out. */
function choicesOf(root: Schema, schema: Schema): Schema[] {
  const listed = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(listed)) return [schema];
  return listed.flatMap((one) => choicesOf(root, resolved(root, objectOf(one)))).filter((one) => one.type !== "null");
}

function resolved(root: Schema, schema: Schema): Schema {
  const name = typeof schema.$ref === "string" ? schema.$ref.replace("#/$defs/", "") : null;
  return name === null ? schema : objectOf(objectOf(root.$defs)[name]);
}

/** What holds where nothing is written; an object is told by its own fields. */
function fallbackOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function titleOf(name: string): string {
  const words = name.replaceAll("_", " ").replace(/\bbps\b/, "(bps)");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
