/** The words of the API, written by hand from its contract until the generated ones replace them. */

export type Page<T> = { items: T[]; next: string | null };

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  place?: string;
  id?: string;
};

export type Me = {
  person: { id: string; name: string; email: string | null };
  workspace: { id: string; name: string };
  csrf: string;
  needs_owner: boolean;
};

export type ApiToken = {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
};

export type Series = {
  id: string;
  venue: string;
  symbol: string;
  timeframe: string;
  origin: "imported" | "synthetic";
  label: string;
  bars: number;
  start: string | null;
  end: string | null;
  gaps: number;
  quarantined: number;
};

export type Gap = { start: string; end: string; missing: number };
export type SeriesDetail = Series & { gap_list: Gap[] };

export type Bars = {
  series_id: string;
  timeframe: string;
  level: string;
  ts: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volume: number[];
};

export type ImportProblem = { line: number | null; reason: string };
export type Import = {
  id: string;
  name: string;
  status: "kept" | "partly" | "refused" | "unchanged";
  rows_kept: number;
  rows_quarantined: number;
  series: Series[];
  problems: ImportProblem[];
};

export type VersionSummary = { id: string; number: number; hash: string; created_at: string; status: string };
export type Strategy = { id: string; name: string; versions: VersionSummary[] };
export type Version = {
  id: string;
  strategy_id: string;
  number: number;
  hash: string;
  document: Record<string, unknown>;
  author: string;
  status: string;
};

export type Metric = { name: string; value: number | null; unit: string; sampling: string };
export type ClosedLot = {
  opened: string;
  closed: string;
  side: string;
  quantity: string;
  entry: string;
  exit: string;
  pnl: string;
  fee: string;
};
export type Backtest = {
  id: string;
  state: string;
  version_id: string | null;
  hash: string;
  series: Pick<Series, "id" | "venue" | "symbol" | "timeframe">;
  span: { start: string; end: string };
  metrics: Metric[];
  assumptions: Record<string, unknown>;
  equity: { ts: number[]; equity: number[]; hold: number[]; drawdown: number[] };
  closed: ClosedLot[];
  error: string | null;
};

export type Model = { id: string; label: string; provider: string; kind: string };

export type SessionState = "queued" | "running" | "waiting" | "done" | "failed" | "cancelled";
export type Session = {
  id: string;
  goal: string;
  model: string;
  state: SessionState;
  created_at: string;
  ended_at: string | null;
  steps: number;
  tokens_in: number;
  tokens_out: number;
  cost: string | null;
  report: boolean;
  error: string | null;
};

export type Evidence = { number: number; tool: string; title: string; hash: string; created_at: string };
export type EvidenceDetail = {
  number: number;
  tool: string;
  input: unknown;
  output: unknown;
  hash: string;
  created_at: string;
};
export type Figure = { evidence: number; path: string; label: string; value: unknown; unit: string; display: string };
export type Span = { text: string } | { figure: Figure } | { unverified: string };
export type Block =
  | { kind: "text"; spans: Span[] }
  | { kind: "metrics"; rows: { label: string; figure: Figure; benchmark?: Figure }[] }
  | { kind: "equity"; evidence: number; ts: number[]; equity: number[]; hold: number[] };
export type Report = {
  question: string;
  answer: string;
  verdict: string;
  confidence: string;
  sections: { title: string; blocks: Block[] }[];
  unverified: number;
  trials: number;
  data: unknown;
  costs: unknown;
  limitations: string[];
  version_id?: string;
};

export type DeploymentState = "running" | "stopped" | "done" | "failed";
export type Limits = {
  capital: string;
  max_position_fraction: string;
  max_orders_per_day: number;
  max_daily_loss: string;
};
export type Deployment = {
  id: string;
  name: string;
  version: string;
  state: DeploymentState;
  feed: "replay" | "follow";
  symbol: string;
  cursor_ts: string | null;
  position: string;
  cash: string;
  equity: string;
  orders: number;
  fills: number;
  limits: Limits;
  error: string | null;
};

export type PnlSplit = { name: string; realized: string; unrealized: string | null; fees: string; net: string | null };
export type PnlSummary = {
  realized: string;
  unrealized: string | null;
  fees: string;
  net: string | null;
  currency: string;
  mark: Record<string, unknown> | null;
  by_strategy: PnlSplit[];
  by_asset: PnlSplit[];
};
export type PnlCurve = { ts: number[]; realized: string[]; unrealized: string[]; net: string[] };

export type PartState = "ok" | "degraded" | "down" | "unknown";
export type Part = { name: string; state: PartState; detail: string; age_s: number | null };
export type Status = { parts: Part[]; version: string; workers: number; queue: number };
