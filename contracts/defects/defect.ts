/** One way in which a provider is wrong. Pointers are JSON Pointers with `*` for any item. */
export type Fault =
  | { readonly kind: "rename-member"; readonly pointer: string }
  | { readonly kind: "null-member"; readonly pointer: string }
  | { readonly kind: "drop-member"; readonly pointer: string }
  | { readonly kind: "other-value"; readonly pointer: string; readonly value: string | number | boolean }
  | { readonly kind: "empty-list"; readonly pointer: string }
  | { readonly kind: "change-status"; readonly to: number }
  | { readonly kind: "lose-header"; readonly header: string }
  | { readonly kind: "false-signature" };

export interface Defect {
  readonly id: string;
  /** The operation whose replies are wrong, or the event whose deliveries are. */
  readonly operation: string;
  /** Of replies: only those of this status. */
  readonly status?: number;
  readonly fault: Fault;
  /** The consumers that must break, and no other. None: nobody uses it, so that nothing may break. */
  readonly breaks: readonly string[];
}
