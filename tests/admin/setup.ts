import { configure } from '@testing-library/dom';
import { getConfig } from '@testing-library/react';

/** Stubs for what jsdom does not do: layout, media queries and the globals of the panel. */

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}

// A desktop: the panel's hooks ask for the width by media queries.
const matchMedia = (query: string) => ({
  matches: /min-width/.test(query),
  media: query,
  onchange: null,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addListener: () => undefined,
  removeListener: () => undefined,
  dispatchEvent: () => false,
});

Object.assign(window, {
  ResizeObserver: NoObserver,
  IntersectionObserver: NoObserver,
  matchMedia,
  scrollTo: () => undefined,
  strapi: {
    backendURL: 'http://localhost:1337',
    isEE: false,
    flags: { docLinks: false },
    features: { isEnabled: () => false },
    projectType: 'Community',
  },
});

Object.assign(Element.prototype, {
  scrollIntoView: () => undefined,
  hasPointerCapture: () => false,
  setPointerCapture: () => undefined,
  releasePointerCapture: () => undefined,
});

// user-event and Testing Library for React may each bring a copy of the DOM library: only the latter's knows `act`.
const { asyncWrapper, eventWrapper, unstable_advanceTimersWrapper } = getConfig();
configure({ asyncWrapper, eventWrapper, unstable_advanceTimersWrapper });

// The whole page in a failure's message hides the line that matters.
configure({ getElementError: (message) => Object.assign(new Error(message?.split('\n')[0]), { name: 'NotFound' }) });

// What the browser's console would show is a mistake like any other, also while a file is loaded.
const complaints: string[] = [];
console.error = (...args: unknown[]) => {
  const text = args.map(String).join(' ');
  // Timers of the design system's dialogs run outside of `act`: that is about tests, not about the panel.
  if (!text.includes('not wrapped in act')) complaints.push(text.slice(0, 500));
};

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});
