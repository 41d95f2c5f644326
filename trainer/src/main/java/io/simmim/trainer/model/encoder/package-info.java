/** What turns masked images into features: ViT, Swin, SwinV2 and ResNet, each with its source. */
package io.simmim.trainer.model.encoder;
