/** Makes the class of a resource from its shape, with the behaviour of a generated SDK. */
import * as pulumi from '@pulumi/pulumi';
import { markOf, type Args, type Outputs, type Shape, type State } from './shape';
import { withDefaults } from './utilities';

export type Instance<S extends Shape> = pulumi.CustomResource & Outputs<S>;

/** Arguments may be left out where none is required. */
type Rest<S extends Shape> = Record<string, never> extends Args<S> ? [args?: Args<S>, opts?: pulumi.CustomResourceOptions] : [args: Args<S>, opts?: pulumi.CustomResourceOptions];

export interface ResourceClass<S extends Shape> {
  new (name: string, ...rest: Rest<S>): Instance<S>;
  readonly __pulumiType: S['type'];
  readonly shape: S;
  /** Reads an existing resource by its id without managing it. */
  get(name: string, id: pulumi.Input<pulumi.ID>, state?: State<S>, opts?: pulumi.CustomResourceOptions): Instance<S>;
  /** True also for an instance that another copy of this package made. */
  isInstance(obj: unknown): obj is Instance<S>;
}

type Given = Readonly<Record<string, unknown>>;

export function resource<const S extends Shape>(shape: S): ResourceClass<S> {
  class Resource extends pulumi.CustomResource {
    static readonly __pulumiType = shape.type;
    static readonly shape = shape;

    static get(name: string, id: pulumi.Input<pulumi.ID>, state?: Given, opts?: pulumi.CustomResourceOptions): Resource {
      return new Resource(name, state, { ...opts, id });
    }

    static override isInstance(obj: unknown): obj is Resource {
      return typeof obj === 'object' && obj !== null && (obj as Given)['__pulumiType'] === shape.type;
    }

    constructor(name: string, given: Given = {}, opts: pulumi.CustomResourceOptions = {}) {
      super(shape.type, name, properties(shape, given, opts), withDefaults(opts, shape.secrets));
    }
  }
  Object.defineProperty(Resource, 'name', { value: shape.type.split(':').pop() });
  // The outputs come to life in CustomResource, out of the property names given to it: the compiler cannot see them.
  return Resource as unknown as ResourceClass<S>;
}

/** Every property is named, those that only GitLab knows as undefined: what is not named here does not become an output. */
function properties(shape: Shape, given: Given, opts: pulumi.CustomResourceOptions): Record<string, pulumi.Input<unknown>> {
  const names = [...Object.keys(shape.inputs), ...Object.keys(shape.outputs)];
  if (opts.id !== undefined) return Object.fromEntries(names.map((name) => [name, given[name]]));
  if (opts.urn === undefined) requireArguments(shape, given);
  return Object.fromEntries(names.map((name) => [name, argument(shape, name, given[name])]));
}

function requireArguments(shape: Shape, given: Given): void {
  const missing = Object.entries(shape.inputs).find(([name, property]) => markOf(property) === '!' && given[name] === undefined);
  if (missing) throw new Error(`Missing required property '${missing[0]}'`);
}

function argument(shape: Shape, name: string, value: unknown): unknown {
  if (!(name in shape.inputs)) return undefined;
  return value !== undefined && shape.secrets.includes(name) ? pulumi.secret(value) : value;
}
