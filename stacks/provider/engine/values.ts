/** Plain values, as the engine's wire carries them. */
export type Values = Record<string, unknown>;

/** What the engine shows as "known after apply" (UnknownStringValue of its SDKs). */
export const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
