'use strict';

const { accessSync, constants, statfsSync } = require('node:fs');
const { tmpdir } = require('node:os');

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 1024 ** 3;

/**
 * Where databases of tests are made: in memory where the machine has room for it, because each is a hundred tables, and every
 * one of them a write that a disk is waited for.
 * @returns {string}
 */
const tempRoot = () => {
  if (process.env.TEST_TMPDIR) return process.env.TEST_TMPDIR;
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize >= ROOM_BYTES) return MEMORY;
  } catch {
    // Not there.
  }
  return tmpdir();
};

module.exports = { tempRoot };
