/** The rooms of the project as tables of pages. */
import { rooms, type Room } from '../tidy/rooms';
import { table } from './page';

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ') || 'nothing';

export function roomsTable(): string[] {
  const uses = (room: Room): string => (room.uses === 'any' ? 'what it needs' : code(room.uses));
  return table(
    ['room', 'what it is for', 'may import, besides itself', 'packages and modules of Node'],
    rooms.map((room) => [code([room.path]), room.says, code(room.may), uses(room)]),
  );
}

/** The agent's alone, from the top down, for a first look. */
export function agentRooms(): string[] {
  const agents = rooms.filter(({ path }) => path.startsWith('agent/')).reverse();
  return table(
    ['room', 'what it is for'],
    agents.map(({ path, says }) => [code([path]), says]),
  );
}
