/** Which series a goal is about: the coin it names, on hourly bars where there are some. */

type Market = { id: string; symbol: string; timeframe: string };

const USUAL = "1h";

export function marketOf(series: readonly Market[], goal: string, symbol?: string): string {
  const words = new Set(goal.toUpperCase().match(/[A-Z0-9]{2,10}/g));
  const named = series.filter((row) => (symbol ? row.symbol === symbol : words.has(row.symbol.split("/")[0] ?? "")));
  const from = named.length > 0 ? named : series;
  return (from.find((row) => row.timeframe === USUAL) ?? from[0])?.id ?? "";
}
