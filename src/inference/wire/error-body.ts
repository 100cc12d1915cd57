import { z } from 'zod';

/** What OpenAI's API and its like answer where they refuse. */
export const errorBody = z.object({
  error: z.object({
    message: z.string().max(4096),
    type: z.string().max(200).nullable().optional(),
    code: z
      .union([z.string().max(200), z.number()])
      .nullable()
      .optional(),
  }),
});
export type ErrorBody = z.output<typeof errorBody>;
