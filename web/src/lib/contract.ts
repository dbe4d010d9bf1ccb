/** The API's words under the names that the page uses; each is the generated type, so that a changed API breaks the build. */

import type * as Api from "../api/generated/types.gen";

export type Problem = Api.Problem;

export type Me = Api.Me;
export type ApiToken = Api.TokenAnswer;
export type Scope = Api.Scope;

export type Series = Api.OmcLedgersMessagesSeriesAnswer;
export type SeriesDetail = Api.SeriesDetail;
export type Gap = Api.GapAnswer;
export type Bars = Api.BarsAnswer;
export type Import = Api.ImportAnswer;
export type ImportProblem = Api.ProblemAnswer;

export type VersionSummary = Api.VersionShort;
export type VersionStatus = VersionSummary["status"];
export type Strategy = Api.StrategyAnswer;
export type Version = Api.VersionAnswer;
export type Metric = Api.MetricAnswer;
export type ClosedPosition = Api.ClosedAnswer;
export type BacktestShort = Api.BacktestShort;
export type BacktestState = BacktestShort["state"];
export type Backtest = Api.BacktestAnswer;

export type Model = Api.ModelAnswer;
export type Session = Api.SessionAnswer;
export type SessionState = Session["state"];
export type Evidence = Api.EvidenceShort;
export type EvidenceDetail = Api.EvidenceAnswer;
export type Figure = Api.OmcLabReportFigure;
export type Span = Api.TextBlock["spans"][number];
/** The server always says which kind it is. */
export type Block = Said<Api.TextBlock> | Said<Api.MetricsBlock> | Said<Api.EquityBlock> | Said<Api.ChartBlock>;
export type Fact = Api.Fact;
export type Report = Api.Report;

export type Deployment = Api.DeploymentAnswer;
export type DeploymentState = Deployment["state"];
export type Limits = Api.LimitsBody;

export type Mark = Api.MarkAnswer;
export type PnlFigures = Pick<Api.SummaryAnswer, "realized" | "unrealized" | "fees" | "net" | "unvalued" | "mark">;
export type PnlByStrategy = Api.StrategyFigures;
export type PnlByAsset = Api.AssetFigures;
export type Suspended = Api.SuspendedAnswer;
export type PnlSummary = Api.SummaryAnswer;
export type PnlCurve = Api.CurveAnswer;
export type PnlLine = Api.LineAnswer;
export type PnlExplanation = Api.ExplainAnswer;
export type PnlFigure = PnlExplanation["figure"];

export type Part = Api.PartAnswer;
export type PartState = Part["state"];
export type Status = Api.Status;

/** A page of a list. */
export type Page<T> = { items: T[]; next: string | null };

type Said<B extends { kind?: string }> = B & { kind: NonNullable<B["kind"]> };
