/** What the emulator builds, read from a SAM template: every intrinsic resolved, every default filled in. */
export interface TemplateModel {
  readonly functions: readonly FunctionModel[];
  readonly tables: readonly TableModel[];
  readonly api: HttpApiModel | undefined;
  readonly stateMachines: readonly StateMachineModel[];
  /** Resources and properties that AWS acts on and this machine does not, as template paths. */
  readonly notEmulated: readonly string[];
}

export interface FunctionModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  /** Absolute. */
  readonly codeDir: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency: number | undefined;
  /** SAM publishes a version and points this alias to it; events then call the alias. */
  readonly autoPublishAlias: string | undefined;
}

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: "HASH" | "RANGE";
}

export interface IndexModel {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

export interface TableModel {
  readonly id: string;
  readonly name: string;
  readonly attributes: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly keySchema: readonly KeyElement[];
  readonly localIndexes: readonly IndexModel[];
  readonly globalIndexes: readonly IndexModel[];
  readonly ttlAttribute: string | undefined;
}

export interface HttpApiModel {
  readonly id: string;
  readonly routes: readonly RouteModel[];
}

export interface RouteModel {
  /** Upper case, or `ANY`. */
  readonly method: string;
  /** `/invoices/{id}`, `/files/{rest+}` or `$default`. */
  readonly path: string;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly authorizer: AuthorizerModel | undefined;
  readonly timeoutMs: number;
}

export interface AuthorizerModel {
  readonly name: string;
  readonly functionName: string;
  /** Such as `$request.header.Authorization`. Without any, the function decides about every request. */
  readonly identitySources: readonly string[];
}

export interface StateMachineModel {
  readonly id: string;
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
}
