/**
 * Mistakes that somebody could make in the protocol, planted one at a time: the simulation must catch each. A mistake
 * is a change of source text, so nothing in the product knows of it.
 */
import { mutant, type Mutant } from './mutant';

const locks = `const lock = await world.journal.lock(waitMs);`;

/**
 * Those with a name in capitals in brackets are the switches of the model (test/model/handover.pml). NODROP is left to
 * the model: since nothing is sent while a value is missing, records that stay do harm only in stories that the
 * simulation does not meet.
 */
export const protocolMutants: readonly Mutant[] = [
  mutant(
    'waiting pushes block the drain (WAITLEASE)',
    'agent/rules/decide.ts',
    [
      `if (!lease.live || lease.stage.kind === 'waiting') return false;`,
      `if (!lease.live) return false; if (lease.stage.kind === 'waiting') return true;`,
    ],
    300,
  ),
  mutant(
    'no fence on the switch (FENCE)',
    'agent/sync/hold.ts',
    [`const ours = current.hold?.id === hold.id && !isExpired(world, hold);`, `const ours = true;`],
    900,
  ),
  mutant(
    'a lease ends over a living process at its limit (LIMIT)',
    'agent/sync/drain.ts',
    [
      `for (const lease of blocking.filter((candidate) => ageMs(world.clock.now(), candidate.began) > world.limits.leaseMs)) await world.endProcesses(lease);`,
      `for (const lease of [...blocking]) if (ageMs(world.clock.now(), lease.began) > world.limits.leaseMs) blocking.splice(blocking.indexOf(lease), 1);`,
    ],
    400,
  ),
  mutant(
    'agreed decides in the open phases (ROW2)',
    'agent/sync/follow.ts',
    [
      `const coming = turns.asked`,
      `for (const { ref, before, after } of seen.following) if (after === (look.agreed.get(ref) ?? null)) await world.git.push([{ ref, before: after, after: before }], { atomic: false, lock });\n    const coming = turns.asked`,
    ],
    150,
  ),
  mutant(
    'sent values are not written down (SENT)',
    'agent/sync/requests.ts',
    [`for (const { ref, after } of updates) tries.sent.set(`, `for (const { ref, after } of []) tries.sent.set(`],
    100,
  ),
  mutant(
    'debts are sent one by one (FOLD)',
    'agent/sync/mirror.ts',
    [
      `before: expect, after: look.old.get(ref) ?? null }`,
      `before: expect, after: look.ended.has(ref) ? look.ended.get(ref)[0].after : look.old.get(ref) ?? null }`,
    ],
    3,
  ),
  mutant(
    'records are dropped without a look at what they confirm (NOSETTLE)',
    'agent/rules/decide.ts',
    [
      `return look.lost.length === 0 ? { kind: 'level', atRest: true }`,
      `return look.lost.length >= 0 ? { kind: 'level', atRest: true }`,
    ],
    1500,
  ),
  mutant(
    'a deleted ref that comes back is a new one (REVIVE)',
    'agent/rules/decide.ts',
    [`&& !look.cameBack)`, `&& !(look.cameBack && look.live))`],
    60,
  ),
  {
    // With a fence the second of two passes fails at the move of the fence, before it harms anything.
    ...mutant(
      'no lock around passes (LOCK)',
      'agent/sync/pass.ts',
      [locks, `const lock = { fd: 0, release: () => undefined };`],
      10,
    ),
    changes: { fence: false },
  },
  mutant(
    'level over young requests (ZOMBIE)',
    'agent/sync/drain.ts',
    [`return young.length + Number(ownMayLand(world));`, `return 0;`],
    1000,
  ),
  mutant(
    "the mirror pass's own requests may land after the switch",
    'agent/sync/drain.ts',
    [`return young.length + Number(ownMayLand(world));`, `return young.length;`],
    1800,
  ),
  mutant(
    'records are forgotten before the switch',
    'agent/sync/phasechange.ts',
    [
      `const state = await switchAndRelease(world, hold, move.to);`,
      `if (closes) forgetEnded(world, ended);\n    const state = await switchAndRelease(world, hold, move.to);`,
    ],
    2900,
  ),
  mutant(
    '"fetch" is said without a heal (HEAL)',
    'agent/sync/push.ts',
    [`const reason = await context.heal(stale);`, `const reason = null;`],
    100,
  ),
  mutant(
    'one transaction for a whole pass',
    'agent/rules/refchange.ts',
    [
      "const exit = await run(open.map(transaction).join(''));",
      `const exit = await run('start\\0' + open.map((one) => transaction(one).replace('start\\0', '').replace('prepare\\0commit\\0', '')).join('') + 'prepare\\0commit\\0');`,
    ],
    600,
  ),
  mutant(
    'the attic is skipped',
    'agent/sync/follow.ts',
    [
      `return updates.filter((update) => lossy.has(update)).map(`,
      `return updates.filter((update) => lossy.has(update) && false).map(`,
    ],
    15,
  ),
  mutant(
    'what old could not take twice is never tried again',
    'agent/rules/stuck.ts',
    [`return moved || ageMs(now, stuck.last) >= waitMs(stuck);`, `return moved || waitMs(stuck) === 0;`],
    300,
  ),
  mutant(
    'a ref that old cannot take passes for healed',
    'agent/sync/pass.ts',
    [
      `const differ = open > 0 || listed.length > 0 || stop !== undefined;`,
      `const differ = open > 0 || stop !== undefined;`,
    ],
    200,
  ),
  mutant(
    'the circuit breaker is off',
    'agent/sync/follow.ts',
    [`const stop = await stopReason(`, `const stop = waits && !waits ? '' : null; await stopReason(`],
    200,
  ),
  mutant(
    'a backup of GitLab passes for what people do',
    'agent/rules/breaker.ts',
    [
      `return count > 0 && count >= bound.atLeast && count >= refs * bound.share;`,
      `return count < 0 && count >= bound.atLeast && count >= refs * bound.share;`,
    ],
    600,
  ),
  mutant(
    'symbolic refs are followed',
    'agent/sync/bothsides.ts',
    [`for (const ref of symbolic) gitlab.delete(ref);`, ``],
    100,
  ),
  {
    name: 'a hold without end',
    seedsMax: 100,
    edits: [
      {
        file: 'agent/sync/hold.ts',
        from: `return isExpired(world, hold) || world.isOwnerGone(hold);`,
        to: `return false;`,
      },
    ],
  },
  mutant('a dead push counts as running', 'agent/rules/leasefile.ts', [`live: alive && !ended`, `live: !ended`], 3),
  mutant(
    'somebody who wrote to closed GitLab is overwritten',
    'agent/rules/decide.ts',
    [
      `return { kind: 'conflict' };\n}\n\nfunction decideLevel`,
      `return { kind: 'send', expect: look.gitlab, witnessed: true };\n}\n\nfunction decideLevel`,
    ],
    400,
  ),
  mutant(
    'an unknown outcome is called declined',
    'agent/rules/decide.ts',
    [
      `if (now === null || answer.kind === 'no-answer') return 'unknown';`,
      `if (now === null || answer.kind === 'no-answer') return 'declined';`,
    ],
    200,
  ),
  mutant(
    'a lost race is called an unknown outcome',
    'agent/rules/decide.ts',
    [`return staleRefs(updates, now).length > 0 ? 'stale' : 'declined';`, `return 'declined';`],
    100,
  ),
  mutant(
    'requests without an answer are forgotten by the next pass',
    'agent/sync/remember.ts',
    [`leases.filter((lease) => !lease.live && !pushMayLand(world, lease))`, `leases.filter((lease) => !lease.live)`],
    2900,
  ),
  mutant(
    'what may still land is not waited for under the hold',
    'agent/sync/phasechange.ts',
    [`await lastRequestsOver(world, hold, move.progress)`, `hold`],
    320,
  ),
  mutant(
    'leases are read once in a look',
    'agent/rules/records.ts',
    [`second.filter(({ id }) => !endedBefore.has(id))`, `first.filter(({ live }) => live)`],
    4500,
  ),
  mutant(
    'an unwitnessed rewind is sent to GitLab',
    'agent/rules/decide.ts',
    [
      `if ((witnessed || harmless) && look.lost.length === 0) return`,
      `if (witnessed || harmless || look.old !== null) return`,
    ],
    100,
  ),
  mutant(
    "GitLab's refusal passes for success",
    'agent/sync/push.ts',
    [
      `declined: (context, answer) => refuse(`,
      `declined: (context, answer) => context.world.limits.lookMs > 0 ? { accept: true, unknown: false, text: '' } : refuse(`,
    ],
    300,
  ),
];
