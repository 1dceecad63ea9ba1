/** Runs the Pulumi program against a mocked engine, and shows what it declared. */
import assert from 'node:assert/strict';
import { before, beforeEach } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks';
import type { SurveyArgs } from '../../stacks/provider/survey';
import { declareStack } from '../../stacks/stack';
import { until } from '../lab/processes';

/** One resource as the program asked for it. `dependsOn` names others as `Type name`. */
interface Registered {
  readonly label: string;
  readonly inputs: Record<string, unknown>;
  readonly dependsOn: readonly string[];
  readonly retained: boolean;
  readonly deletesFirst: boolean;
  readonly secretOutputs: readonly string[];
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
}

export const registered = new Map<string, Registered>();
export const asked: SurveyArgs[] = [];
export const inputsOf = new Map<string, Record<string, unknown>>();

export function label(type: string, name: string): string {
  return `${type.split(':').at(-1)} ${name}`;
}

function labelOfUrn(urn: string): string {
  const [, , type = '', name = ''] = urn.split('::');
  return label(type, name);
}

before(async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its own this
  const register = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = async function (request: RegisterRequest, callback) {
    await register.call(this, request, callback);
    const own = label(request.getType(), request.getName());
    const dependsOn = request.getDependenciesList().map(labelOfUrn);
    registered.set(own, {
      label: own,
      inputs: inputsOf.get(own) ?? {},
      dependsOn,
      retained: request.getRetainondelete(),
      deletesFirst: request.getDeletebeforereplace(),
      secretOutputs: request.getAdditionalsecretoutputsList(),
    });
  };
  await pulumi.runtime.setMocks({
    call: ({ inputs }) => {
      const args = JSON.parse((inputs as { args: string }).args) as SurveyArgs;
      asked.push(args);
      return {
        groups: Object.fromEntries(args.groups.map((path, index) => [path, 70 + index])),
        users: Object.fromEntries(args.users.map((name, index) => [name, 80 + index])),
        keyOwner: 9,
      };
    },
    newResource: ({ type, name, inputs }: { type: string; name: string; inputs: Record<string, unknown> }) => {
      inputsOf.set(label(type, name), inputs);
      return {
        id: String(registered.size + 100),
        state:
          type === 'handover:index:Server'
            ? { ...inputs, publicKey: 'ssh-ed25519 AAAA', webhookSecret: 'hush', os: 'Debian', git: '2.39', node: '20' }
            : inputs,
      };
    },
  });
});

beforeEach(() => {
  registered.clear();
  inputsOf.clear();
  asked.length = 0;
});

export const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

/** Runs the program and waits until everything is declared. */
export async function declare(
  repositories: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<void> {
  registered.clear();
  const settings = {
    server: { host: 'old', user: 'git', hostKeys: [hostKey], root: '/srv/git' },
    gitlab: { url: 'https://gitlab.test', sshHostKeys: [hostKey], group: { path: 'code', create: true } },
    people: {
      groups: [{ path: 'developers', access: 'developer' }],
      users: [{ username: 'alice', access: 'maintainer' }],
    },
    repositories,
    ...more,
  };
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`git-handover:${key}`, JSON.stringify(value)]),
  );
  await declareStack({ ...config, 'gitlab:token': 'glpat-test' }, {});
  await until('the guard to be declared, which waits for everything', () => registered.has('Guard guard'));
}

export function resource(name: string): Registered {
  const found = registered.get(name);
  assert.ok(found, `expected ${name} among ${[...registered.keys()].join(', ')}`);
  return found;
}

/** What a secret holds, as the engine carries it. */
export function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

/** Whether `later` waits for `earlier`, directly or through others. */
export function waitsFor(later: string, earlier: string): boolean {
  const reached = new Set(resource(later).dependsOn);
  for (const name of reached) for (const next of resource(name).dependsOn) reached.add(next);
  return reached.has(earlier);
}
