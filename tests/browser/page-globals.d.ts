/*
 * What functions given to `page.evaluate` use of the page they run in. The whole DOM library cannot be had here: it
 * declares types of its own for what the server takes from Node.
 */
declare const document: {
  documentElement: { scrollWidth: number; clientWidth: number };
  getAnimations(): { finished: Promise<unknown> }[];
};
declare class CSSTransition {
  finished: Promise<unknown>;
}
declare function requestAnimationFrame(drawn: (milliseconds: number) => void): number;
