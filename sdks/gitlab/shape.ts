/**
 * The notation in which each resource of the GitLab provider is written down once; its TypeScript types follow from it.
 *
 * A property is its type and a mark. As an argument `!` is required, the others are optional; as an output `!` and `*` are always there.
 *
 *     { project: 'string!', canPush: 'boolean*', topics: 'string[]', pushRules: record({ … }) }
 */
import type { Input, Output } from '@pulumi/pulumi';

type Base = 'string' | 'integer' | 'boolean' | 'map<string>' | 'map<integer>';
export type Mark = '' | '!' | '*';
export type Property = `${Base}${'' | '[]'}${Mark}` | Nested<Properties, boolean, Mark>;
export type Properties = Readonly<Record<string, Property>>;

export interface Nested<P, List extends boolean, M extends Mark> {
  readonly of: P;
  readonly list: List;
  readonly mark: M;
}

export interface Shape {
  /** Type token, such as `gitlab:index/deployKey:DeployKey`. */
  readonly type: string;
  readonly inputs: Properties;
  /** What GitLab adds to the inputs. */
  readonly outputs: Properties;
  readonly secrets: readonly string[];
}

export function record<const P extends Properties>(of: P): Nested<P, false, ''>;
export function record<const P extends Properties, M extends Mark>(of: P, mark: M): Nested<P, false, M>;
export function record(of: Properties, mark: Mark = ''): Nested<Properties, false, Mark> {
  return { of, list: false, mark };
}

export function list<const P extends Properties>(of: P): Nested<P, true, ''>;
export function list<const P extends Properties, M extends Mark>(of: P, mark: M): Nested<P, true, M>;
export function list(of: Properties, mark: Mark = ''): Nested<Properties, true, Mark> {
  return { of, list: true, mark };
}

export function markOf(property: Property): Mark {
  if (typeof property !== 'string') return property.mark;
  const last = property.slice(-1);
  return last === '!' || last === '*' ? last : '';
}

type MarkOf<P> = P extends Nested<unknown, boolean, infer M> ? M : P extends `${string}!` ? '!' : P extends `${string}*` ? '*' : '';
type Unmarked<P> = P extends `${infer T}!` | `${infer T}*` ? T : P;
type Keys<P, M extends Mark> = { [K in keyof P]: MarkOf<P[K]> extends M ? K : never }[keyof P];

type BaseValue<T> = T extends 'string' ? string : T extends 'integer' ? number : T extends 'boolean' ? boolean : T extends `map<${infer V}>` ? Record<string, BaseValue<V>> : never;
type BaseInput<T> = T extends `map<${infer V}>` ? Record<string, Input<BaseValue<V>>> : BaseValue<T>;

type NamedValue<T> = T extends `${infer B}[]` ? BaseValue<B>[] : BaseValue<T>;
type Value<P> = P extends Nested<infer N, infer L, Mark> ? (L extends true ? Values<N>[] : Values<N>) : NamedValue<Unmarked<P>>;
/** The properties as they are once known. */
export type Values<P> = { readonly [K in Keys<P, '!' | '*'>]: Value<P[K]> } & { readonly [K in Keys<P, ''>]?: Value<P[K]> };

type NamedInput<T> = T extends `${infer B}[]` ? Input<BaseInput<B>>[] : BaseInput<T>;
type InputOf<P> = Input<P extends Nested<infer N, infer L, Mark> ? (L extends true ? Input<Inputs<N>>[] : Inputs<N>) : NamedInput<Unmarked<P>>>;
type Inputs<P> = { [K in Keys<P, '!'>]: InputOf<P[K]> } & { [K in Keys<P, '' | '*'>]?: InputOf<P[K]> };

export type Args<S extends Shape> = Inputs<S['inputs']>;
export type State<S extends Shape> = { [K in keyof S['inputs']]?: InputOf<S['inputs'][K]> } & { [K in keyof S['outputs']]?: InputOf<S['outputs'][K]> };

type OutputOf<P> = Output<MarkOf<P> extends '' ? Value<P> | undefined : Value<P>>;
export type Outputs<S extends Shape> = { readonly [K in keyof S['inputs']]: OutputOf<S['inputs'][K]> } & { readonly [K in keyof S['outputs']]: OutputOf<S['outputs'][K]> };
