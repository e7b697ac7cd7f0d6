/** Charts without the chart library; `TrendChart` is loaded on demand by those who need it. */
export * from "./ChartFrame";
export * from "./Distribution";
export * from "./HeatCell";
export * from "./Spark";
export * from "./Steps";
export * from "./Sankey";
