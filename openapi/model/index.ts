export { bundledModel, bundledSpecs } from "./bundled.ts";
export { type Cell, cells, responseFor } from "./cells.ts";
export { loadSpecs } from "./load.ts";
export { componentSchema, operationById, resolveSchema } from "./lookup.ts";
export { matchOperation, matchRoute, type RouteMatch } from "./match.ts";
export * from "./types.ts";
