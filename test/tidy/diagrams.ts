/**
 * Sequence diagrams in Mermaid, as far as we use it. A semicolon or the word "end" in a text would end a line or a
 * block there, and a page would show an error instead of the diagram.
 */
import { finding, type Finding, type Source } from './source';

export function diagramsAreRead(sources: readonly Source[]): Finding[] {
  return sources.filter(({ path }) => path.endsWith('.mmd')).flatMap(faultsOf);
}

function faultsOf(diagram: Source): Finding[] {
  const known = new Set<string>();
  const found: Finding[] = [];
  let depth = 0;
  diagram.text.split('\n').forEach((text, index) => {
    const line = text.trim();
    depth += /^(?:opt|alt|loop|par)\b/.test(line) ? 1 : line === 'end' ? -1 : 0;
    const words = faultIn(line, known) ?? (depth < 0 ? 'There is no block to end here.' : null);
    if (words !== null) found.push(finding(diagram, index + 1, words));
  });
  return depth > 0 ? [...found, finding(diagram, 1, `${depth} blocks have no end.`)] : found;
}

function faultIn(line: string, known: Set<string>): string | null {
  if (line === '' || line.startsWith('%%') || /^(?:sequenceDiagram|par|and|end)$/.test(line)) return null;
  if (/;|#/.test(line)) return 'A semicolon or a # ends the line for Mermaid.';
  const [, name] = /^(?:participant|actor) (\w+) as \S/.exec(line) ?? [];
  if (name !== undefined) known.add(name);
  if (name !== undefined || /^(?:opt|alt|loop|else) \S/.test(line)) return null;
  const [, from, to, said = ''] =
    /^(\w+)--?>>(\w+): (.+)$/.exec(line) ?? /^Note over (\w+),(\w+): (.+)$/.exec(line) ?? [];
  if (from === undefined || to === undefined) return 'No line of a sequence diagram looks like that.';
  const stranger = [from, to].find((one) => !known.has(one));
  if (stranger !== undefined) return `No participant is called ${stranger}.`;
  return /\bend\b/.test(said) ? 'The word "end" ends a block for Mermaid.' : null;
}
