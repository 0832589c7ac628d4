import type { AttributePath, Filter } from '../filter/ast';

/** Target of a PATCH operation (RFC 7644 section 3.5.2, figure 7). */
export interface PatchPath {
  path: AttributePath;
  /** `emails[type eq "work"]` */
  filter: Filter | null;
  /** Sub-attribute behind the filter: `emails[type eq "work"].value`. Without a filter it is in `path`. */
  subAttribute: string | null;
}

export interface PatchOperation {
  op: 'add' | 'replace' | 'remove';
  path: PatchPath | null;
  /** Absent (undefined) only for `remove`. */
  value: unknown;
}
