/** What a worker of pool.ts runs. */

import { ProtocolError } from "../encoding/errors.ts";
import { Election } from "../session/session.ts";
import { Alone } from "./judge.ts";
import type { Answer, Order } from "./pool.ts";

let alone: Alone | null = null;

self.onmessage = (event: MessageEvent<Order>) => {
  // An error of ours must reach the page, as one outside of a promise does.
  answerTo(event.data).then(
    (answer) => self.postMessage(answer),
    (error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
  );
};

async function answerTo(order: Order): Promise<Answer> {
  if (order.order === "election") {
    alone = new Alone(Election.decode(order.raw));
    return { answer: "ready" };
  }
  if (alone === null) throw new Error("no definition came before");
  if (order.order === "products") {
    return { answer: "products", products: (await alone.products()).map(({ hex }) => hex) };
  }
  const { number } = order;
  try {
    return { answer: "judged", number, judged: await alone.judge(order.raw) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { answer: "refused", number, code: error.code, detail: error.message };
  }
}
