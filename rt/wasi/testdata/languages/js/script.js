// A component for tests, which uses the clock, and fails.

export const now = () => Date.now();
export const fail = (text) => { throw new Error(text); };
