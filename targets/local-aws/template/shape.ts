import { TemplateError } from "../errors.ts";

/** A map of the template with its place, read with checks that name the place. */
export class Shape {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new TemplateError(path, "must be a map");
    this.value = value as Record<string, unknown>;
    this.path = path;
  }

  has(key: string): boolean {
    return this.value[key] !== undefined;
  }

  text(key: string, fallback?: string): string {
    const found = this.value[key] ?? fallback;
    if (typeof found !== "string" || found === "") throw this.fault(key, "must be a text");
    return found;
  }

  /** CloudFormation takes numbers as texts too. */
  number(key: string, fallback?: number): number {
    const found = Number(this.value[key] ?? fallback ?? Number.NaN);
    if (!Number.isFinite(found)) throw this.fault(key, "must be a number");
    return found;
  }

  map(key: string): Shape {
    return new Shape(this.value[key] ?? {}, `${this.path}.${key}`);
  }

  list(key: string): readonly unknown[] {
    const found = this.value[key] ?? [];
    if (!Array.isArray(found)) throw this.fault(key, "must be a list");
    return found;
  }

  shapes(key: string): readonly Shape[] {
    return this.list(key).map((item, i) => new Shape(item, `${this.path}.${key}[${i}]`));
  }

  entries(): readonly (readonly [string, Shape])[] {
    return Object.entries(this.value).map(([key, v]) => [key, new Shape(v, `${this.path}.${key}`)]);
  }

  fault(key: string, message: string): TemplateError {
    return new TemplateError(`${this.path}.${key}`, message);
  }

  /** Fails on a property outside `read`; returns those of `ignored` that are present, as paths. */
  allow(read: readonly string[], ignored: readonly string[] = []): string[] {
    for (const key of Object.keys(this.value))
      if (!read.includes(key) && !ignored.includes(key))
        throw this.fault(key, "is not supported on this machine");
    return ignored.filter((key) => this.has(key)).map((key) => `${this.path}.${key}`);
  }
}
