import type { Directory } from '../../ports/directory';

/** The same directory; `answered` is called whenever it answered a request, whatever methods it has. */
export function watched(directory: Directory, answered: () => void): Directory {
  return new Proxy(directory, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = member.apply(target, args);
        if (!(result instanceof Promise)) return result;
        return result.then((value: unknown) => {
          answered();
          return value;
        });
      };
    },
  });
}
