/** The phases and the moves between them as tables of a page. */
import { isLegalMove, legalMoves, phases, phaseTable, type PhaseRow } from '../../agent/contract/phase';
import { table } from './page';

const routes: Readonly<Record<PhaseRow['toGitlab'], string>> = {
  never: 'never',
  pass: 'by the mirror, after the answer',
  'write-through': '**before** the answer',
};

export function phasesTable(): string[] {
  const heads = ['phase', 'old takes pushes', 'people may push to GitLab', 'authority', 'old → GitLab', 'GitLab → old'];
  return table(
    heads,
    phases.map((phase) => {
      const row = phaseTable[phase];
      const yes = (is: boolean): string => (is ? 'yes' : 'no');
      const authority = row.authority === 'old' ? 'old' : 'GitLab';
      const back = row.toOld ? 'by passes' : 'never';
      return [`\`${phase}\``, yes(row.oldTakesPushes), yes(row.gitlabOpen), authority, routes[row.toGitlab], back];
    }),
  );
}

export function movesTable(): string[] {
  return table(
    ['from', 'to', 'to `old`'],
    phases.map((from) => {
      const abandon = from !== 'old' && isLegalMove(from, 'old', true) ? 'with `abandon: true`' : '–';
      return [
        `\`${from}\``,
        legalMoves(from)
          .map((to) => `\`${to}\``)
          .join(', '),
        abandon,
      ];
    }),
  );
}
