/**
 * Characters nobody sees or that change how the text around them is read: controls, joiners, soft hyphens, marks of
 * direction, variation selectors, fillers, noncharacters. Two names that differ only in them look like one. PRECIS
 * forbids them in user names (RFC 8264 sections 9.6, 9.13; joiners in a few contexts aside, which are not worth the risk).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;

/** The first such character and where it stands, `U+200B at position 3`; null where there is none. */
export function unseenIn(name: string): string | null {
  const characters = [...name];
  const index = characters.findIndex((character) => UNSEEN.test(character));
  const code = characters[index]?.codePointAt(0);
  return code === undefined ? null : `U+${code.toString(16).toUpperCase().padStart(4, '0')} at position ${index + 1}`;
}
