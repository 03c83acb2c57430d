/**
 * One self-contained HTML page: a kit (`reportPage`, parts, charts) and a page for each kind of model. A page is a
 * function of plain values: the command line takes them from a model, so nothing here knows a room. Texts go in through
 * `html`, which escapes them; numbers go into charts as arrays or typed arrays.
 */
export { type BarChart, type BarSeries, barChart } from './charts/bar.ts';
export { type HeatMap, heatMap } from './charts/heat-map.ts';
export { type Histogram, histogram } from './charts/histogram.ts';
export { type LineChart, type LineSeries, lineChart } from './charts/line.ts';
export { type ScatterChart, type ScatterSeries, scatterChart } from './charts/scatter.ts';
export { Fields } from './fields.ts';
export { type Content, Html, html } from './markup.ts';
export { type ReportPage, reportPage } from './page.ts';
export * from './parts.ts';
export type { RelatedContent } from './related/content.ts';
export { type RelatedEvaluation, readEvaluation } from './related/evaluation.ts';
export { relatedPage } from './related/page.ts';
