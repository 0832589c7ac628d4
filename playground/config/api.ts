const config = { rest: { defaultLimit: 25, maxLimit: 100, withCount: true } };

export default config;
