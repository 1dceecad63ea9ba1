/** The example of a configuration that operators start from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { schema } from '../../stacks/settings/schema';
import { mistakesIn } from '../unit/settings/written';

function example(): Record<string, unknown> {
  const text = readFileSync(join(__dirname, '../../stacks/Pulumi.example.yaml'), 'utf8');
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name.replace('git-handover:', ''), value]));
}

interface Described {
  readonly def: {
    readonly type: string;
    readonly innerType?: Described;
    readonly element?: Described;
    readonly valueType?: Described;
    readonly in?: Described;
    readonly out?: Described;
    readonly shape?: Record<string, Described>;
  };
}

/** Every setting of the schema that the example does not mention. */
function unmentioned({ def }: Described, values: readonly unknown[], path: string): string[] {
  if (values.length === 0) return [path];
  if (def.shape !== undefined)
    return Object.entries(def.shape).flatMap(([name, inner]) =>
      unmentioned(
        inner,
        values.flatMap((value) => present((value as Record<string, unknown>)[name])),
        `${path}.${name}`,
      ),
    );
  if (def.type === 'record' && def.valueType !== undefined)
    return unmentioned(
      def.valueType,
      values.flatMap((value) => Object.values(value as Record<string, unknown>)),
      `${path}[…]`,
    );
  if (def.type === 'array' && def.element?.def.shape !== undefined)
    return unmentioned(def.element, values.flat(), `${path}[]`);
  const inner = def.innerType ?? (def.in?.def.type === 'transform' ? def.out : def.in);
  return inner === undefined ? [] : unmentioned(inner, values, path);
}

function present(value: unknown): unknown[] {
  return value === undefined ? [] : [value];
}

test('the example shows every setting, and all of it is valid', () => {
  assert.deepEqual(mistakesIn(example()), []);
  assert.deepEqual(unmentioned(schema as unknown as Described, [example()], ''), []);
});

test('an example that lacks a setting would be noticed', () => {
  const { agent: _, ...rest } = example();
  assert.deepEqual(unmentioned(schema as unknown as Described, [rest], ''), ['.agent']);
  const server = { ...(rest['server'] as Record<string, unknown>) };
  delete server['node'];
  assert.deepEqual(unmentioned(schema as unknown as Described, [{ ...example(), server }], ''), ['.server.node']);
});
