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

export type VersionStatus = "draft" | "approved";
export type VersionSummary = {
  id: string;
  number: number;
  hash: string;
  author: string;
  created_at: string;
  status: VersionStatus;
};
export type Strategy = { id: string; name: string; versions: VersionSummary[] };
export type Version = VersionSummary & { strategy_id: string; name: string; document: Record<string, unknown> };

export type Metric = { name: string; value: number | null; unit: string; sampling: string; note?: string };
/** A position from entry to exit; times in milliseconds. */
export type ClosedPosition = {
  opened: number;
  closed: number;
  side: string;
  quantity: number;
  entry: number;
  exit: number;
  pnl: number;
  fee: number;
};
export type BacktestState = "queued" | "running" | "done" | "failed";
export type BacktestShort = {
  id: string;
  name: string;
  state: BacktestState;
  version_id: string | null;
  hash: string;
  series_id: string;
  requested_by: string;
  created_at: string;
  metrics: Metric[];
};
export type Backtest = BacktestShort & {
  series: Pick<Series, "id" | "venue" | "symbol" | "timeframe" | "label">;
  span: { start: string; end: string } | null;
  document: Record<string, unknown>;
  ended_at: string | null;
  assumptions: Record<string, string>;
  manifest: Record<string, unknown>;
  result_hash: string | null;
  equity: { ts: number[]; equity: number[]; hold: number[]; drawdown: number[] } | null;
  closed: ClosedPosition[];
  closed_count: number;
  fill_count: number;
  error: { place: string; code: string; text: string } | null;
};

export type Model = { id: string; label: string; provider: string; kind: string };

export type SessionState = "queued" | "running" | "waiting" | "done" | "failed" | "cancelled";
export type Session = {
  id: string;
  goal: string;
  model: string;
  symbol?: string | null;
  timeframe?: string | null;
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
export type EvidenceDetail = Evidence & { input: unknown; output: unknown };
/** A number from evidence; `assumed`: somebody chose it rather than measured it. */
export type Figure = {
  evidence: number;
  path: string;
  label: string;
  value: string;
  unit: string;
  display: string;
  assumed?: boolean;
};
export type Span = { text: string } | { figure: Figure } | { unverified: string };
export type Block =
  | { kind: "text"; spans: Span[] }
  | { kind: "metrics"; rows: { label: string; figure: Figure; benchmark?: Figure | null }[] }
  | { kind: "equity"; evidence: number; ts: number[]; equity: number[]; hold: number[] };
export type Fact = { label: string; display: string; evidence: number; path: string };
export type Report = {
  question: string;
  answer: string;
  answer_spans?: Span[];
  verdict: string;
  confidence: string;
  confidence_because?: Span[];
  sections: { title: string; blocks: Block[] }[];
  unverified: number;
  trials: number;
  data: Fact[];
  costs: Fact[];
  limitations: string[];
  version_id?: string | null;
  evidence?: { number: number; tool: string; title: string; hash: string }[];
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

/** The oldest price that an unrealized figure uses. */
export type Mark = { ts: string; learned_ts: string; source: string; age_s: number; price: string | null };
/** Realized and net contain the fees, which are shown beside. null: coins are held that have no price. */
export type PnlFigures = {
  realized: string;
  unrealized: string | null;
  fees: string;
  net: string | null;
  unvalued: string[];
  mark: Mark | null;
};
export type PnlByStrategy = PnlFigures & { strategy: string };
export type PnlByAsset = PnlFigures & { asset: string; quantity: string; cost: string };
export type Suspended = { fact_id: string; ts: string; code: string; text: string; asset: string; missing: string };
export type PnlSummary = PnlFigures & {
  currency: string;
  currencies: string[];
  by_strategy: PnlByStrategy[];
  by_asset: PnlByAsset[];
  suspense: Suspended[];
  suspended: number;
};
export type PnlCurve = {
  currency: string;
  ts: string[];
  realized: string[];
  unrealized: (string | null)[];
  net: (string | null)[];
  points: number;
};
export type PnlFigure = "realized" | "unrealized" | "fees" | "net";
export type PnlLine = {
  fact_id: string;
  ts: string;
  what: string;
  quantity: string;
  price: string | null;
  amount: string;
  lots: { lot: string; quantity: string; cost: string }[];
};
export type PnlExplanation = {
  figure: PnlFigure;
  total: string;
  currency: string;
  lines: PnlLine[];
  next: number | null;
};

export type PartState = "ok" | "degraded" | "down" | "unknown";
export type Part = { name: string; state: PartState; detail: string; age_s: number | null };
export type Status = { parts: Part[]; version: string; workers: number; queue: number };
