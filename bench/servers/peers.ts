/** Packages of bench/peers, which are not dependencies of the plugin. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', 'peers');

export const requirePeer = createRequire(join(FOLDER, 'package.json'));

export const hasPeer = (name: string): boolean => existsSync(join(FOLDER, 'node_modules', name, 'package.json'));
