/** Reads the messages out of the panel's source: every `t('id', 'text', ...)` and `msg('id', 'text')`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ERROR_CATALOGUE } from '../../../server/src/contracts/error-codes';

export const SOURCE = join(__dirname, '../../../admin/src');

const textOf = (node: ts.Expression | undefined): string | null =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;

export const messagesInSource = (): { id: string; text: string; file: string }[] => {
  const found: { id: string; text: string; file: string }[] = [];
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const source = ts.createSourceFile(file, readFileSync(join(SOURCE, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && /^(t|msg)$/.test(node.expression.text)) {
        const id = textOf(node.arguments[0]);
        const text = textOf(node.arguments[1]);
        if (id !== null && text !== null) found.push({ id, text, file });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  // Shown by their codes, see `AdviceBox`.
  for (const { code, cause, whatToDo } of ERROR_CATALOGUE.values()) {
    found.push({ id: `error.${code}.cause`, text: cause, file: 'error-codes.ts' });
    found.push({ id: `error.${code}.what-to-do`, text: whatToDo, file: 'error-codes.ts' });
  }
  return found;
};

export const translation = (locale: string): Record<string, string> =>
  JSON.parse(readFileSync(join(SOURCE, `translations/${locale}.json`), 'utf8'));
