// The lab of stage 1: the network's, with the learning rate alone. That script looks for its places.
if (!document.querySelector("[data-lab=network]"))
  document.head.append(make("script", { src: `${LAB_FOLDER}lab-network.js` }));
