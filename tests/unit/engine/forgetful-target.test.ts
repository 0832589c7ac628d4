/** An application that says for a moment that somebody is not there. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Directory } from '../../../server/src/ports/directory';
import { createWorld } from '../../helpers/memory/world';

it('makes no second object of a person whose last write was cut short and who is then said to be gone', async () => {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  const delivery = world.delivery();
  const id = await world.endUsers.addByHand({ userName: 'ada' });
  await world.settle(delivery);
  target.failOnce({ lost: new ProvisioningError('target-unavailable', 'No answer.') }, (request) => request.method === 'update');
  await world.endUsers.editByHand(id, { userName: 'ada.l' });
  await delivery.drain(() => false);
  let forgets = 1;
  const forgetful = new Proxy<Directory>(target, {
    get(directory, name) {
      if (name === 'read') return async (...args: Parameters<Directory['read']>) => ((forgets -= 1) >= 0 ? null : directory.read(...args));
      const member: unknown = Reflect.get(directory, name, directory);
      return typeof member === 'function' ? member.bind(directory) : member;
    },
  });
  world.targets.set(connection.id, forgetful);
  await world.endUsers.editByHand(id, { userName: 'countess' });
  await world.settle(delivery);
  expect(forgets).toBeLessThan(1);
  expect(target.users.map((user) => user.userName)).toEqual(['countess']);
});
