// The chart library, a plain script of its installed wheel: fetched when a chart is drawn, once.

let loading = null;

export function library() {
  loading ??= import("./lightweight-charts.js").then(() => window.LightweightCharts);
  loading.catch(() => (loading = null));
  return loading;
}
