export * from "./DataTable";
