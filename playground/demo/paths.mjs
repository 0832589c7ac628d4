/** Where things stand in the repository. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const playground = path.join(root, 'playground');
export const demo = path.join(playground, 'demo');
/** Data and logs of demo runs; ignored by git, safe to delete. */
export const scratch = path.join(playground, '.tmp');
/** What was built from which inputs; goes away with node_modules. */
export const stamps = path.join(root, 'node_modules', '.cache', 'user-provisioning');
