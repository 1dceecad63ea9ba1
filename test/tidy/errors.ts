/** Where errors are worded, and in which form. */
import ts from 'typescript';
import { everyNode, finding, type Finding, type Source } from './source';

const catalogue = 'agent/contract/…faults.ts';
const product = /^(?:agent|stacks|scripts)\//;

/** Everywhere else an error is one of the catalogue, or a Fault that the agent told. */
export function oneCatalogue(sources: readonly Source[]): Finding[] {
  const users = sources.filter(({ path }) => product.test(path) && !path.startsWith('agent/contract/'));
  return everyNode(users, (node, say) => {
    const words = makesError(node);
    if (words !== null) say(`${words}: write it in ${catalogue}, and throw \`faults.…\`.`);
  });
}

function makesError(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === 'HandoverError') return 'An error is made here';
  if (ts.isCallExpression(node) && node.expression.getText() === 'asError')
    return node.arguments.some(ts.isObjectLiteralExpression) ? 'An error is worded here' : null;
  if (!ts.isImportDeclaration(node) || !/contract\/fault'$/.test(node.moduleSpecifier.getText())) return null;
  return node.importClause?.isTypeOnly === true ? null : 'An entry of the catalogue is made here';
}

/** "Cannot … as … must …" reads as "in the role of": what is so comes after a colon. */
export function saysWhatIsSo(sources: readonly Source[]): Finding[] {
  return sources
    .filter(({ path }) => product.test(path))
    .flatMap((one) =>
      one.text
        .split('\n')
        .flatMap((line, index) =>
          /\bCannot [^:]* as [^:]*\b(?:must|may|is|are|was)\b/.test(line)
            ? [finding(one, index + 1, 'Say what is so: "Cannot ‹do what›: ‹what is so›".')]
            : [],
        ),
    );
}
