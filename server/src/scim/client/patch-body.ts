import type { AttributeChange } from '../../contracts/operation';
import { PATCH_OP_URN } from '../messages/urns';
import { isUnassigned } from '../schema/json';

export interface PatchBody {
  schemas: [typeof PATCH_OP_URN];
  Operations: { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }[];
}

/**
 * The changes of one object as a PATCH (RFC 7644 section 3.5.2), one operation per attribute, always with a path: every
 * application understands that form.
 */
export function patchBody(changes: readonly AttributeChange[]): PatchBody {
  return {
    schemas: [PATCH_OP_URN],
    Operations: changes.map(({ path, before, after }) => {
      if (isUnassigned(after)) return { op: 'remove', path };
      // An `add` would append to a list that the application has and we did not write; a `replace` makes one where there is none.
      return { op: isUnassigned(before) && !Array.isArray(after) ? 'add' : 'replace', path, value: after };
    }),
  };
}
