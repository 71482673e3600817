"""What a session is made from: a draft folder's forms and spreadsheets, read and explained."""
