/**
 * `pulumi up` from two places at once: another checkout with a backend of its own, as somebody has who took the stack
 * along. Pulumi's lock of the stack keeps them from each other only where they share a backend. Not among the usual
 * faults: what the operator wants may then be no legal move any more.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { isPhase, legalMoves, type Phase } from '../../../agent/contract/phase';
import type { Lab } from '../../lab/lab';
import { startProcess, type Started } from '../../lab/processes';
import type { Operator } from '../operator';
import { Fault, type Ground } from './fault';

const configFile = 'Pulumi.lab.yaml';
/** A repository that is let go of, or renamed away, ends the run. */
const stays = (phase: Phase): boolean => phase !== 'old' && phase !== 'retired';

export function otherPlace(lab: Lab, { random }: Ground, operator: Operator): Fault {
  let places = 0;
  return new Fault('pulumi up from another place', 0, async () => {
    const now = (await operator.status())?.phase ?? '';
    if (!isPhase(now)) return null;
    const [first, ...others] = [now, ...legalMoves(now)].filter(stays);
    if (first === undefined) return null;
    const up = begin(lab, `place-${++places}`, random.pick([first, ...others]));
    return async () => {
      const { code } = await up.ended;
      operator.meet(code, up.output());
    };
  });
}

/** With what the operator's own state says just now. */
function begin(lab: Lab, name: string, phase: Phase): Started {
  const [project, backend] = [join(lab.folder, name), join(lab.folder, `${name}-backend`)];
  mkdirSync(project);
  for (const entry of readdirSync(lab.project).filter((one) => one !== configFile))
    symlinkSync(join(lab.project, entry), join(project, entry));
  const file = parse(readFileSync(join(lab.project, configFile), 'utf8')) as { config: Record<string, unknown> };
  file.config['git-handover:phase'] = phase;
  writeFileSync(join(project, configFile), stringify(file));
  cpSync(new URL(lab.env['PULUMI_BACKEND_URL'] ?? '').pathname, backend, { recursive: true });
  rmSync(join(backend, '.pulumi', 'locks'), { recursive: true, force: true });
  const words = [
    'up',
    '--yes',
    '--refresh',
    '--skip-preview',
    '--stack',
    'lab',
    '--non-interactive',
    '--color',
    'never',
  ];
  return startProcess('pulumi', words, {
    env: { ...lab.env, PULUMI_BACKEND_URL: `file://${backend}` },
    cwd: project,
  });
}
