/** Reads typed fields out of a request; a value of another type is a 400 in GitLab's words. */
import { Refusal } from './refusal';

export class Fields {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  raw(name: string): unknown {
    return this.values[name];
  }

  /** Undefined when absent, null or empty. */
  text(name: string): string | undefined {
    const value = this.values[name];
    return value === undefined || value === null || value === ''
      ? undefined
      : String(value as string | number | boolean);
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text)) throw invalid(name);
    return Number(text);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!['true', 'false', '1', '0'].includes(text)) throw invalid(name);
    return text === 'true' || text === '1';
  }

  choice<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    const chosen = values.find((value) => value === text);
    if (text !== undefined && chosen === undefined) throw invalid(name);
    return chosen;
  }

  list(name: string): readonly Fields[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(asFields) : [];
  }

  object(name: string): Fields | undefined {
    const value = this.values[name];
    return value === undefined || value === null ? undefined : asFields(value);
  }

  needText(name: string): string {
    return this.text(name) ?? missing(name);
  }

  needInteger(name: string): number {
    return this.integer(name) ?? missing(name);
  }
}

export function asFields(value: unknown): Fields {
  return new Fields(typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
}

function missing(name: string): never {
  throw new Refusal(400, { error: `${name} is missing` });
}

function invalid(name: string): Refusal {
  return new Refusal(400, { error: `${name} does not have a valid value` });
}
