/** Bad weather between the servers, and between people and each server. */
import type { Relay, Weather } from '../../lab/relay';
import { done, Fault, type Ground, type Heal } from './fault';

const holdMs = 3_000;
const slowMs = 250;
const betweenServers = 'between servers';

const weathers: readonly [Weather, ...Weather[]] = [
  { kind: 'refuse' },
  { kind: 'slow', delayMs: slowMs },
  { kind: 'half-open' },
];

export function network({ relays, random }: Ground): Fault[] {
  const { between, peopleToOld, peopleToGitlab } = relays;
  const some = (name: string, relay: Relay): Fault =>
    new Fault(name, holdMs, () => (random.chance(0.25) ? cut(relay) : bad(relay, random.pick(weathers))));
  return [
    new Fault('network between servers: cut', 0, () => cut(between), betweenServers),
    ...weathers.map(
      (weather) =>
        new Fault(`network between servers: ${weather.kind}`, holdMs, () => bad(between, weather), betweenServers),
    ),
    some('network from people to old', peopleToOld),
    some('network from people to GitLab', peopleToGitlab),
  ];
}

function cut(relay: Relay): Heal | null {
  if (relay.count() === 0) return null;
  relay.cut();
  return done;
}

async function bad(relay: Relay, weather: Weather): Promise<() => Promise<void>> {
  await relay.become(weather);
  return () => relay.heal();
}
