import { useEffect, useState } from 'react';

/** What had the focus before the open dialog, or before the one that it followed. */
let opener: Element | null = null;

/** Of a menu that is about to close only the button that opened it will still be there. */
function lastingOf(element: Element): Element {
  const menu = element.closest('[role="menu"]');
  const target = menu === null ? null : document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`);
  return target ?? element;
}

function remember(): void {
  const active = document.activeElement;
  // A dialog that follows another one belongs to whoever opened the first.
  if (active === null || active === document.body || active.closest('[role="dialog"]') !== null) return;
  opener = lastingOf(active);
}

function giveBack(): void {
  const active = document.activeElement;
  const taken = active !== null && active !== document.body;
  if (taken || document.querySelector('[role="dialog"]') !== null) return;
  // What opened the dialog may be gone with what was done: then the page itself, so that the keyboard stays in it.
  const target = opener?.isConnected === true ? opener : document.getElementById('content');
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/**
 * Gives the focus back to what opened a dialog when it has gone (WAI-ARIA APG, dialog). The component library does so for
 * dialogs that stay mounted while closed; ours are there only while they are open.
 */
export function useFocusReturn(): void {
  // Before the dialog is in the page, and takes the focus.
  useState(remember);
  useEffect(
    () => () => {
      window.setTimeout(giveBack);
    },
    [],
  );
}
