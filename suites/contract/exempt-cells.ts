/** Documented cells that no request from outside can provoke, and why. Aim: none. */
export const exemptCells: readonly { readonly cell: string; readonly reason: string }[] = [];
