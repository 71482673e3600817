"""The session in Telegram: delegates vote by buttons, chairs run it, observers watch.

    application   python-telegram-bot, started and stopped with the server
    webhook       the address where Telegram brings updates, if it was asked to
    intake        updates by polling or webhook, done before they are acknowledged
    routing       which update goes to which handler
    pace          what we send: Telegram's limits, patience with its faults
    talk          one message or edit to one chat, whatever has happened to it
    desk          what all handlers work with: the registrar's side, who an account is
    pages         a text with its keyboard; every sentence stands in admin/locales
    doorway       /start CODE, who somebody is, language, help, strangers, groups
    menu          the commands that Telegram lists
    launch        the Mini App: its button, and the words where there is none
    ballot        token and ballot by buttons: the only module that knows person and ballot at once
    sheet         the pages of a ballot
    chair         the steps of a session, confirmed by a group of the session code
    live          counts that renew themselves, for chairs and observers
    notices       what everyone is told once: check-in, opening, closing, result
    reminders     deadlines of the plan, for chairs and the officials' offices
    results       the result in words and pictures, and the record's files
    guide, dossiers, questions   the guidance, the officials' dossiers, questions to officials

Handlers ask the registrar's side; `ballot` alone has the box's, too, and `chair` the books, for the
steps of admin/lifecycle (import-linter).
Chat buttons are the weaker channel: Telegram sees who chooses what. Nothing about a ballot is
kept here: the seed and the draft lie in the buttons (admin/voting/ballot_button.py), the ballot
goes from the tap to the box. What a delegate sees after the vote does not show it either.
"""
