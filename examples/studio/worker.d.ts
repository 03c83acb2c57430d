/** The code of a worker inside the code of the page. */
declare module '*?worker&inline' {
  export default class extends Worker {
    constructor();
  }
}
