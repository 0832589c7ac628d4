/** A piece of SQL with its values: text from outside is only ever bound, never part of the statement. */
export class Sql {
  constructor(
    readonly text: string,
    readonly values: readonly (string | number)[]
  ) {}
}

/** Pieces are put in as they are, everything else is bound. */
export function sql(strings: TemplateStringsArray, ...parts: (Sql | string | number)[]): Sql {
  let text = strings[0] ?? '';
  const values: (string | number)[] = [];
  parts.forEach((part, index) => {
    if (part instanceof Sql) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[index + 1] ?? '';
  });
  return new Sql(text, values);
}

/** For names of tables and aliases that this code makes itself. */
export const trusted = (text: string): Sql => new Sql(text, []);

export const TRUE = trusted('1 = 1');
export const FALSE = trusted('1 = 0');

function joined(parts: readonly Sql[], separator: string): Sql {
  return new Sql(
    parts.map((part) => `(${part.text})`).join(separator),
    parts.flatMap((part) => part.values)
  );
}

export function and(...parts: readonly Sql[]): Sql {
  const needed = parts.filter((part) => part !== TRUE);
  if (needed.includes(FALSE)) return FALSE;
  return needed.length < 2 ? (needed[0] ?? TRUE) : joined(needed, ' and ');
}

export function or(...parts: readonly Sql[]): Sql {
  const needed = parts.filter((part) => part !== FALSE);
  if (needed.includes(TRUE)) return TRUE;
  if (needed.length < 2) return needed[0] ?? FALSE;
  // In parentheses: it is put behind an "and" as it is.
  return sql`(${joined(needed, ' or ')})`;
}

export const not = (part: Sql): Sql => (part === TRUE ? FALSE : part === FALSE ? TRUE : sql`not (${part})`);

/** Queries after each other; what one object gives twice stays twice. */
export const unionAll = (parts: readonly Sql[]): Sql =>
  new Sql(
    parts.map((part) => part.text).join(' union all '),
    parts.flatMap((part) => part.values)
  );
