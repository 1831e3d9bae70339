/** Chat templates: the Jinja subset in which models say how a conversation becomes a prompt. */
package tilewright.model.chat;
