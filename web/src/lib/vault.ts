/** Keys, models, prices, presets, caps and bills under the names that the page uses; the API's own types. */

import type * as Api from "../api/generated/types.gen";

/** Its hint is all of the key that ever leaves the server. */
export type Credential = Api.CredentialAnswer;
export type CredentialState = Credential["state"];
export type ProviderRow = Api.ProviderAnswer;
export type KeyMark = Providers["marks"][number];
export type Providers = Api.Providers;

export type TestStep = Api.StepAnswer;
export type TestStepName = TestStep["name"];
export type Failure = NonNullable<Api.TestAnswer["failure"]>;
export type Test = Api.TestAnswer;
export type NewCredential = Api.CredentialWishWritable;
export type SavedCredential = Api.Stored;
/** The refusal of a key that was not stored, with its test when one was made. */
export type NotStored = Api.NotStored;
export type CredentialChange = Api.CredentialChange;

export type ModelPrice = Api.PriceAnswer;
export type ModelStats = Api.StatsAnswer;
export type ComparedModel = Api.ComparedModel;
export type Recommendation = Api.RecommendationAnswer;
export type Comparison = Api.Models;
export type NewPrice = Api.PriceWish;

export type Preset = Api.PresetAnswer;
export type NewPreset = Api.PresetWish;
export type Caps = Api.CapsWish;

export type UsageBy = Api.Cut;
export type UsageRow = Api.UsagePart;
export type Usage = Api.UsageAnswer;
export type Call = Api.CallAnswer;

/** One row of the session form's list; the built-in analyst has no key. */
export type Choice = Api.ModelAnswer;
export type Estimate = Api.EstimateAnswer;
/** A session under way that uses a key. */
export type UnderWay = Api.KeySession;

export const EFFORTS = ["minimal", "low", "medium", "high"] as const;
export type Effort = (typeof EFFORTS)[number];

/** Entered by a person, over every list. */
export function isOwnPrice(price: ModelPrice | null): boolean {
  return price?.source === "own";
}
