/** One step of a check of the provisioning log: `GET /operations/check?after=<seal>`. */
export interface LogCheck {
  /** Records that were looked at in this step, and how many of them were erased. */
  checked: number;
  erased: number;
  faults: LogFault[];
  /** The seal to go on after; null: this was the last step. */
  next: number | null;
  /** The last seal looked at. Written down elsewhere, it shows later that the end was not cut off. */
  last: { seq: number; hash: string } | null;
  /** Records of more than a minute ago that no seal covers; told in the last step. */
  overdue: number;
  /** The chain begins behind this seal: what was before is past the time for which the log is kept. */
  cutOff: { seq: number; hash: string } | null;
  /** Keys of seals that this site no longer has: hashes were checked, signatures were not. */
  unknownKeys: string[];
}

export interface LogFault {
  seal: number;
  /** Null where it is not one record's. */
  recordId: number | null;
  message: string;
}
