"""Situations that public reports describe for systems of this kind, and what becomes of them here.

Each line names the test that plays it; tests/attacks/test_tables.py holds the names to what there
is. Tables as offices save them are in tests/admin/rules/inputs.

Lists

    headings, totals and signatures become voters and officials
        admin/rules/test_inputs::test_what_must_happen_happens
    merged cells, hidden rows, what another program puts into a cell
        admin/rules/test_inputs::test_what_must_happen_happens
    our own template, saved as CSV by a Vietnamese Excel
        admin/rules/test_inputs::test_what_must_happen_happens
    our own template, saved by LibreOffice
        admin/rules/test_saved::test_what_libreoffice_saves_comes_back_the_same
    names in TCVN3 and VNI fonts, with letters only
        admin/rules/test_inputs::test_what_must_happen_happens
    "-" or "không" as the reason not to rate somebody
        admin/rules/test_inputs::test_what_must_happen_happens
    a count that is typed with blanks on the evening of the vote
        admin/rules/test_counts::test_a_count_may_be_written_as_spreadsheets_do
    Hòa for Hoà, Ð for Đ
        admin/session/test_lookup::test_a_name_is_known_however_it_is_typed
    1–3 with the dash that Word makes
        admin/session/test_lookup::test_a_range_has_any_dash

Codes and letters

    a code beside other words stays in the chat
        bot/chat/test_doorway::test_a_code_is_taken_wherever_it_stands_and_deleted
    the same below a photograph, or in an edit
        bot/chat/test_doorway::test_a_code_in_a_caption_or_an_edit_is_taken
    the bot does not understand its own link
        admin/voting/test_codes::test_a_code_in_our_links_names_the_session
    old codes end before the new file is written
        admin/cli/test_letters::test_letters_that_cannot_be_written_end_no_code
    a code with typographic dashes counts as a forgery
        admin/cli/test_room::test_a_code_as_it_is_copied
    a link with a character too many or too few raises the alarm
        browser/test_bad_input::test_a_damaged_link_is_no_other_session
    the address copied from a letter does not open
        admin/documents/test_letters::test_the_address_is_copied_from_the_letter_as_it_is

Pages and addresses

    "not sent" of a ballot that the box has
        browser/test_storage::test_after_the_promise_the_ballot_is_recorded_whatever_fails
    storage that is blocked, full, hangs or forgets
        browser/test_storage::test_what_cannot_be_kept_is_not_sent
    a second tab destroys the receipt of the first
        browser/test_storage::test_two_tabs_of_one_phone_are_one
    storage refused, full or cleared, network, reload, killed tab, two tabs: at every step
        browser/test_every_step::test_the_page_says_what_the_box_has
    browsers that the build is made for cannot vote
        browser/test_old_browsers::test_a_browser_that_lacks_something_votes
    an older browser is told too late
        browser/test_old_browsers::test_a_browser_that_is_too_old_is_told_so_at_once
    HEAD is refused
        bot/web/test_page::test_head_is_get_without_a_body
    a slash too many shows JSON
        bot/web/test_page::test_an_address_as_people_write_it
    people at an address where nothing is
        bot/web/test_page::test_a_browser_that_is_lost_gets_a_page
    a public address with a path
        admin/session/test_address::test_an_address_that_cannot_work

Machines

    a server in UTC tells times seven hours off
        admin/session/test_session::test_times_go_by_the_clock_of_the_body
    a machine in another zone
        admin/cli/test_doctor::test_a_machine_in_another_zone
    a clock that is off
        admin/cli/test_doctor::test_a_clock_that_follows_no_other
    English from the system and from libraries in Vietnamese mode
        admin/cli/test_vietnamese_walk::test_nothing_is_english
    a file system that is read-only
        admin/cli/test_doctor::test_a_read_only_file_system_is_told
    a log that does not say why the disk refuses
        bot/test_logs::test_an_error_is_told_by_class_fault_and_place
    a database that another program holds
        admin/cli/test_results::test_unexpected_errors_are_told_without_their_text
    a record that a browser has unpacked
        admin/cli/test_room::test_a_record_that_a_browser_has_unpacked
"""
