/** The lease of a push in the simulated world, as the shim writes it. */
import { printControl, timedLine, type ControlLine } from '../../agent/rules/leasefile';
import { printUpdate } from '../../agent/rules/refs';
import { instantOf } from './clock';
import { pause, type Session } from './session';
import type { Activity } from './scheduler';

/** A line at a time; false when the disk took it not, or not whole. */
export function note(session: Session, line: ControlLine): boolean {
  const { sim, old, lease } = session;
  if (lease === null) return true;
  if (old.diskFull || sim.strikes('writeFails')) {
    if (sim.random.chance(0.5)) lease.control += line.slice(0, sim.random.int(line.length));
    return false;
  }
  lease.control += printControl(line);
  return true;
}

export function* writeLease(session: Session): Activity<boolean> {
  const { sim, old, hook, receivePack, updates } = session;
  if (old.diskFull || sim.strikes('writeFails')) return false;
  const id = `${old.boot}.${receivePack.pid}.${hook.pid}`;
  session.lease = {
    id,
    boot: old.boot,
    receivePack,
    hook,
    control: '',
    refs: '',
    landed: '',
    flushed: 0,
    push: session.id,
  };
  old.leases.set(id, session.lease);
  yield* pause(sim, hook);
  for (const update of updates) {
    session.lease.refs += `${printUpdate(update)}\n`;
    if (updates.length > 1) yield* pause(sim, hook);
  }
  if (note(session, timedLine('enter', instantOf(sim, old)))) return true;
  forget(session);
  return false;
}

function forget(session: Session): void {
  if (session.lease !== null) session.old.leases.delete(session.lease.id);
  session.lease = null;
}

export function refuse(session: Session, words: string): false {
  session.words = words;
  note(session, 'refused');
  forget(session);
  return false;
}
